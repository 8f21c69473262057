"""What happens in a month: events, money, hardship, rights, rolls. Changes the state of a block in place."""
