// Clients: the settings of one's own, and the list and the pages of all for operators.
export const clients = {};
