"""Deterrence and stability: blocs, poles, first strikes."""
