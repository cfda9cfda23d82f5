"""주최사: an organizer registers, changes and deletes tickets; anybody searches them."""
