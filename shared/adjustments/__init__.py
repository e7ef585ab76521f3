"""What people change by hand in a member's points or account, each with a reason and the people who answer for it."""
