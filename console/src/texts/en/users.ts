// Users.
export const users = {};
