"""What a customer wants to buy."""


class Basket:
    def __init__(self):
        self.things = []
