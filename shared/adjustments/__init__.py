"""What people change by hand in a member's points, each with a reason and the people who answer for it."""
