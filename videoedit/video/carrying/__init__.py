"""What goes along with the pictures: sound, subtitles, chapters, attachments."""
