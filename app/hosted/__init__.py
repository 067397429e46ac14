"""The end-user pages that links in mails lead to, in each client's name and colour."""
