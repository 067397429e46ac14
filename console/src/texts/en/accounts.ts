// The login, a second factor, and one's own account.
export const accounts = {};
