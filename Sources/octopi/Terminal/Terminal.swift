enum Terminal {}
