"""The flows: what a person does with an account, one module each."""
