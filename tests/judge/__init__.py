"""What the product finds in made-up provinces that nobody looked at before: goals and figures."""
