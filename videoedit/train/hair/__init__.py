"""The hair network's training: cuts of pictures, believed where their labels agree."""
