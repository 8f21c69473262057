"""Whether a text that people read is plain Chinese. Reads the words files; writes nothing."""
