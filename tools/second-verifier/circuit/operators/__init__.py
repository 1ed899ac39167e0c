"""What each operation is made of: a function (compiler, operation, node) that gives the quantities of its outputs."""

from circuit.operators import choices, extrema, gathering, movement, normalising, pooling, products, scan, trees

COMPILERS = {}
for _module in (products, pooling, movement, choices, extrema, normalising, gathering, trees, scan):
    COMPILERS.update(_module.COMPILERS)
