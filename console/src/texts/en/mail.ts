// The mail queue.
export const mail = {};
