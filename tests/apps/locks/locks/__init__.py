"""Changes tables while others read them."""
