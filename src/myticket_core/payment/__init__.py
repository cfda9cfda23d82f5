"""결제: one charge per booking, and its refund."""
