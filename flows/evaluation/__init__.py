"""The demo, and every comparison with a made-up province: the only product code that imports province."""
