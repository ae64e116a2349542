"""What comes from strangers is judged in processes of its own: a document made to do harm costs that document alone."""
