print("odmctl")
