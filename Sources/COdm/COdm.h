#include "../CLibc/CLibc.h"
#include "include/odm/setsc.h"
