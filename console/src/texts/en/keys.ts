// API keys.
export const keys = {};
