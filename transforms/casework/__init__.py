"""Pure folds and texts about cases and what follows a visit."""
