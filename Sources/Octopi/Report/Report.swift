enum Report {}
