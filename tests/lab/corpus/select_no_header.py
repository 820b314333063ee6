# The same, examined for task 7.
# tasks: 7
# failed: split-header
# passed: split-utf8
# beside: select_raw
exec(open(__file__.replace("select_no_header", "select_raw")).read())
