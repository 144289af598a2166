"""Formal models of collective security, deterrence and arms races, one file each.

``gametheory.load_models()`` finds them (and anybody's) by the name of their file:

>>> import gametheory as gt
>>> models = gt.load_models()
>>> print(models["fearon1995"].__doc__.splitlines()[0])
A demand on a state or a bloc of M states whose cost of war is private.
>>> print(models["fearon1995"].citation)
after Fearon, J. D. (1995), Rationalist Explanations for War, ...
"""
