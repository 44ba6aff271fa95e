"""A shop with prices in dollars, by the bank's rate of today."""
