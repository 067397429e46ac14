// Roles.
export const roles = {};
