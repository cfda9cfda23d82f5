"""알림: buyer and organizer are told what happened; when this is down, nothing else notices."""
