"""Pages for people: server-rendered, a client of the public REST API and of nothing else, so they work anywhere."""
