"""What some views show, as SQL text: opinions about rows that never change. Knows no database."""
