#pragma once
#include "ck_dnn.h"
#include "ck_quant.h"
