// Overview, storage and the statistics of the installation.
export const statistics = {};
