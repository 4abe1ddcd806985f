"""Where results leave: a signed HTTP request, or a command of the operator's. Each tries one message once and decides nothing."""
