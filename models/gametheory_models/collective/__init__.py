"""Collective security: public goods, volunteers, joint intervention."""
