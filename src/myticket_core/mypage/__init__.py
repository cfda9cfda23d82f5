"""마이페이지: what buyer and organizer see, projected only from events; reading it touches nobody else's data."""
