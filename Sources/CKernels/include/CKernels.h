#pragma once
#include "ck_dnn.h"
