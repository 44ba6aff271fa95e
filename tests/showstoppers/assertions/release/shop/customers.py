"""Customers, whose addresses are validated as SQLAlchemy's documentation showed it up to version 1.3."""

from sqlalchemy import Column, Integer, String
from sqlalchemy.orm import declarative_base, validates


class Customer(declarative_base()):
    __tablename__ = "customer"
    id = Column(Integer, primary_key=True)
    email = Column(String)

    @validates("email")
    def validate_email(self, key, address):
        assert "@" in address
        return address
