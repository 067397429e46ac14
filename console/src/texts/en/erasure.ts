// Erasing a client.
export const erasure = {};
