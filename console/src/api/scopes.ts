// The words that mean something to the service; all others are a client's own.

/** Those that are offered, by what they are about and in the order in which they are shown. */
export const OFFERED_SCOPES = {
  own: ["read", "write"],
  people: ["users:read", "users:write", "users:impersonate"],
  access: ["roles:read", "roles:write", "keys:read", "keys:write", "keys:verify", "tokens:introspect"],
  insight: ["audit:read", "storage:read"],
  everything: ["admin"],
};

/** All of them: with those that no call wants yet, and that therefore nobody is offered. */
export const RESERVED_SCOPES = [
  ...Object.values(OFFERED_SCOPES).flat(),
  ...["apps:read", "apps:write", "usage:read", "usage:write", "webhooks:write"],
];
