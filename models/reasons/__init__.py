"""Why a household stands where it stands: the facts that raised its score most, in plain Chinese.

Pure: frames come in, frames go out. They say what raised a place, never what a family is.
"""
