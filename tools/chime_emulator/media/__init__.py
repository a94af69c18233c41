"""The media plane: forwards encoded video and audio, mixing only when several people speak at once."""
