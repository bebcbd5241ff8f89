"""Ways in which deliveries reach us. Each ends in the inbox folder; landing begins there."""
