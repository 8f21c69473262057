"""What a person does to a home between runs: decide, hand feedback in, train, publish, restore, replay."""
