"""One checked delivery into core, vault and ops in one commit; builds on deliveries and identity."""
