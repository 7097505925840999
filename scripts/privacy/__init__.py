"""What the privacy gate is made from and measured with."""
