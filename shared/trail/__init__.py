"""Who of the staff did what, to whom and why: one item per deed, written with the deed and never changed. T11, T25."""
