// Once, in an empty store: the user of my page, who has its database and no other one.
const url = require("fs").readFileSync("/run/secrets/mongodb_url", "utf8").trim();
const [, user, pwd, name] = url.match(/^mongodb:\/\/([^:]+):([^@]+)@[^/]+\/(\w+)$/);
db.getSiblingDB(name).createUser({ user, pwd, roles: [{ role: "readWrite", db: name }] });
