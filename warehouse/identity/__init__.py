"""Who a person id is: the encrypted vault, and the links between ids. The only sub-room that reads names."""
