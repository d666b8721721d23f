//! What a shop of this kind sells: subcategories with their articles, and the brands. All names are invented.

/// A subcategory, the third level of the category tree.
#[derive(Debug)]
pub(super) struct Subcategory {
    pub department: &'static str,
    pub category: &'static str,
    pub name: &'static str,
    /// Four letters for price families.
    pub code: &'static str,
    pub articles: [&'static str; 4],
    /// List price of the smallest and the largest package, dollars.
    pub price: (f64, f64),
    pub unit: &'static str,
    /// Package sizes in `unit`, ascending.
    pub sizes: [&'static str; 3],
    /// Mean elasticity of its articles.
    pub elasticity: f64,
    /// Day of the year when most is sold, and by what share above the mean.
    pub season: (f64, f64),
    pub shelf: Shelf,
}

/// Which brands may fill a subcategory.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Shelf {
    Food,
    Household,
}

#[derive(Debug)]
pub(super) struct Brand {
    pub name: &'static str,
    pub code: &'static str,
    /// First six digits of its UPC codes, number system digit included.
    pub upc_prefix: &'static str,
    /// List prices against the mean of all brands.
    pub price_level: f64,
}

/// The private label: cheapest, in every subcategory.
pub(super) const PRIVATE_LABEL: &str = "Marlow Own";

const fn brand(name: &'static str, code: &'static str, upc_prefix: &'static str, price_level: f64) -> Brand {
    Brand { name, code, upc_prefix, price_level }
}

impl Shelf {
    /// Each shelf has enough brands for the largest scale: a subcategory holds brands x 3 sizes price families.
    pub(super) fn brands(self) -> &'static [Brand] {
        match self {
            Self::Food => &FOOD_BRANDS,
            Self::Household => &HOUSEHOLD_BRANDS,
        }
    }
}

static FOOD_BRANDS: [Brand; 12] = [
    brand(PRIVATE_LABEL, "MARL", "004417", 0.84),
    brand("Aldermoor", "ALDE", "041963", 1.06),
    brand("Bellwick Farms", "BELL", "073508", 1.02),
    brand("Cedar Hollow", "CEDA", "018274", 0.98),
    brand("Dunmarra", "DUNM", "650931", 1.12),
    brand("Fernbrook", "FERN", "029416", 0.94),
    brand("Goldenrill", "GOLD", "086152", 1.08),
    brand("Harrowby", "HARR", "711840", 1.00),
    brand("Juniper Lane", "JUNI", "052739", 1.15),
    brand("Larkfen", "LARK", "830264", 0.92),
    brand("Osterley Mills", "OSTE", "037091", 1.04),
    brand("Tallgrass", "TALL", "064825", 0.96),
];

static HOUSEHOLD_BRANDS: [Brand; 10] = [
    brand(PRIVATE_LABEL, "MARL", "004418", 0.82),
    brand("Brightwell", "BRIG", "045187", 1.05),
    brand("Clearmere", "CLEA", "072346", 0.97),
    brand("Everspruce", "EVER", "691405", 1.10),
    brand("Halcyon Home", "HALC", "019658", 1.14),
    brand("Lintwood", "LINT", "058203", 0.93),
    brand("Pawsley", "PAWS", "083971", 1.03),
    brand("Quillby", "QUIL", "740512", 1.00),
    brand("Silverbeck", "SILV", "026734", 1.08),
    brand("Windrush Co", "WIND", "061390", 0.95),
];

#[rustfmt::skip]
mod tree {
    use super::{Shelf, Subcategory};

    /// A department's category: what its subcategories have in common.
    type Category = (&'static str, &'static str, (f64, f64), Shelf);

    const FROZEN: Category = ("Food", "Frozen Food", (200.0, 0.16), Shelf::Food);
    const BAKERY: Category = ("Food", "Bakery", (345.0, 0.06), Shelf::Food);
    const DAIRY: Category = ("Food", "Dairy", (340.0, 0.05), Shelf::Food);
    const SNACKS: Category = ("Food", "Snacks", (185.0, 0.10), Shelf::Food);
    const PANTRY: Category = ("Food", "Pantry", (15.0, 0.08), Shelf::Food);
    const MEAT: Category = ("Food", "Meat & Seafood", (175.0, 0.10), Shelf::Food);
    const PRODUCE: Category = ("Food", "Produce", (190.0, 0.12), Shelf::Food);
    const SOFT: Category = ("Beverages", "Soft Drinks", (195.0, 0.16), Shelf::Food);
    const HOT: Category = ("Beverages", "Coffee & Tea", (10.0, 0.12), Shelf::Food);
    const CLEANING: Category = ("Household", "Cleaning", (95.0, 0.07), Shelf::Household);
    const PAPER: Category = ("Household", "Paper Goods", (330.0, 0.04), Shelf::Household);
    const CARE: Category = ("Health & Beauty", "Personal Care", (150.0, 0.04), Shelf::Household);
    const PET: Category = ("Pet Care", "Pet Food", (350.0, 0.03), Shelf::Household);

    type Price = (f64, f64);

    #[expect(clippy::too_many_arguments, reason = "one row of the table below")]
    const fn row(c: &Category, name: &'static str, code: &'static str, articles: [&'static str; 4], price: Price,
                 unit: &'static str, sizes: [&'static str; 3], elasticity: f64) -> Subcategory {
        Subcategory { department: c.0, category: c.1, name, code, articles, price, unit, sizes, elasticity, season: c.2, shelf: c.3 }
    }

    pub(in crate::shop) static SUBCATEGORIES: [Subcategory; 36] = [
        row(&FROZEN, "Ice Cream", "ICEC", ["Vanilla Ice Cream", "Chocolate Ice Cream", "Strawberry Sorbet", "Cookie Dough Ice Cream"], (3.4, 8.2), "oz", ["14", "32", "48"], -2.4),
        row(&BAKERY, "Bread", "BREA", ["Whole Wheat Bread", "White Sandwich Bread", "Rye Loaf", "Multigrain Bread"], (2.3, 5.4), "oz", ["16", "20", "24"], -0.8),
        row(&DAIRY, "Milk", "MILK", ["Whole Milk", "Skim Milk", "Reduced Fat Milk", "Oat Drink"], (1.6, 5.2), "fl oz", ["32", "64", "128"], -0.6),
        row(&SNACKS, "Chips", "CHIP", ["Sea Salt Potato Chips", "Tortilla Chips", "Kettle Chips", "Paprika Chips"], (2.2, 5.6), "oz", ["6", "10", "13"], -2.1),
        row(&SOFT, "Cola", "COLA", ["Cola", "Diet Cola", "Cherry Cola", "Vanilla Cola"], (1.7, 8.4), "fl oz", ["20", "67", "144"], -2.3),
        row(&CLEANING, "Laundry", "LAUN", ["Laundry Detergent", "Fabric Softener", "Stain Remover", "Color Detergent"], (4.6, 17.5), "fl oz", ["50", "92", "150"], -1.7),
        row(&FROZEN, "Frozen Pizza", "FPIZ", ["Pepperoni Pizza", "Margherita Pizza", "Four Cheese Pizza", "Vegetable Pizza"], (4.2, 10.8), "oz", ["12", "20", "28"], -2.7),
        row(&BAKERY, "Pastries", "PAST", ["Butter Croissants", "Cinnamon Rolls", "Blueberry Muffins", "Apple Turnovers"], (3.3, 7.6), "ct", ["4", "6", "8"], -1.5),
        row(&PRODUCE, "Fresh Fruit", "FRUI", ["Gala Apples", "Navel Oranges", "Bartlett Pears", "Red Grapes"], (2.4, 7.2), "lb", ["1", "2", "3"], -1.2),
        row(&PANTRY, "Pasta", "PSTA", ["Spaghetti", "Penne", "Fusilli", "Farfalle"], (1.2, 3.9), "oz", ["12", "16", "32"], -1.3),
        row(&HOT, "Coffee", "COFF", ["Ground Coffee", "Espresso Beans", "Decaf Coffee", "Instant Coffee"], (5.4, 15.8), "oz", ["8", "12", "30"], -1.6),
        row(&PET, "Dog Food", "DOGF", ["Chicken Dog Food", "Beef Dog Food", "Puppy Dog Food", "Lamb Dog Food"], (6.2, 38.0), "lb", ["5", "15", "30"], -0.7),
        row(&FROZEN, "Frozen Vegetables", "FVEG", ["Garden Peas", "Broccoli Florets", "Mixed Vegetables", "Cut Green Beans"], (1.7, 4.8), "oz", ["10", "16", "32"], -1.4),
        row(&BAKERY, "Cakes", "CAKE", ["Carrot Cake", "Chocolate Cake", "Lemon Pound Cake", "Cheesecake"], (5.2, 14.5), "oz", ["12", "20", "32"], -1.8),
        row(&DAIRY, "Yogurt", "YOGU", ["Plain Greek Yogurt", "Strawberry Yogurt", "Vanilla Yogurt", "Peach Yogurt"], (1.1, 5.8), "oz", ["6", "24", "32"], -1.7),
        row(&SNACKS, "Cookies", "COOK", ["Chocolate Chip Cookies", "Oatmeal Cookies", "Sandwich Cookies", "Shortbread"], (2.7, 5.9), "oz", ["10", "13", "18"], -1.9),
        row(&MEAT, "Chicken", "CHIK", ["Chicken Breast", "Chicken Thighs", "Chicken Wings", "Ground Chicken"], (4.6, 13.8), "lb", ["1", "2", "3"], -1.6),
        row(&PAPER, "Paper Towels", "PTOW", ["Paper Towels", "Quilted Towels", "Select-a-Size Towels", "Recycled Towels"], (3.2, 17.9), "ct", ["2", "6", "12"], -1.4),
        row(&FROZEN, "Frozen Meals", "FMEA", ["Chicken Alfredo", "Beef Lasagna", "Vegetable Curry", "Macaroni and Cheese"], (3.4, 9.6), "oz", ["9", "11", "38"], -2.2),
        row(&PRODUCE, "Fresh Vegetables", "VEGE", ["Carrots", "Roma Tomatoes", "Bell Peppers", "Yellow Onions"], (1.6, 5.2), "lb", ["1", "2", "3"], -0.9),
        row(&DAIRY, "Cheese", "CHEE", ["Cheddar Block", "Mozzarella Shreds", "Swiss Slices", "Gouda Wedge"], (3.2, 9.2), "oz", ["8", "16", "32"], -1.5),
        row(&PANTRY, "Canned Goods", "CANN", ["Tomato Soup", "Black Beans", "Sweet Corn", "Diced Tomatoes"], (0.99, 3.8), "oz", ["10", "15", "28"], -1.1),
        row(&SOFT, "Juice", "JUIC", ["Orange Juice", "Apple Juice", "Cranberry Juice", "Grape Juice"], (2.3, 6.9), "fl oz", ["32", "52", "89"], -1.8),
        row(&CARE, "Oral Care", "ORAL", ["Mint Toothpaste", "Whitening Toothpaste", "Mouthwash", "Dental Floss"], (2.6, 8.6), "oz", ["4", "6", "16"], -0.9),
        row(&SNACKS, "Nuts", "NUTS", ["Roasted Almonds", "Mixed Nuts", "Salted Cashews", "Honey Peanuts"], (4.1, 12.8), "oz", ["8", "16", "30"], -1.6),
        row(&MEAT, "Beef", "BEEF", ["Ground Beef", "Sirloin Steak", "Stew Beef", "Beef Patties"], (6.4, 19.8), "lb", ["1", "2", "3"], -1.9),
        row(&PANTRY, "Cereal", "CERE", ["Corn Flakes", "Granola", "Honey Oat Rings", "Bran Flakes"], (3.2, 6.9), "oz", ["12", "18", "24"], -2.0),
        row(&CLEANING, "Surface Care", "SURF", ["All-Purpose Cleaner", "Glass Cleaner", "Disinfecting Wipes", "Floor Cleaner"], (2.7, 8.8), "fl oz", ["24", "32", "64"], -1.3),
        row(&DAIRY, "Butter", "BUTT", ["Salted Butter", "Unsalted Butter", "Whipped Butter", "Cultured Butter"], (3.1, 7.9), "oz", ["8", "16", "32"], -0.9),
        row(&HOT, "Tea", "TEAS", ["Black Tea", "Green Tea", "Chamomile Tea", "Peppermint Tea"], (2.9, 7.8), "ct", ["20", "40", "100"], -1.1),
        row(&MEAT, "Seafood", "SEAF", ["Salmon Fillets", "Cod Fillets", "Peeled Shrimp", "Tilapia Fillets"], (7.2, 21.5), "lb", ["1", "2", "3"], -2.1),
        row(&PAPER, "Bath Tissue", "BATH", ["Bath Tissue", "Soft Bath Tissue", "Ultra Bath Tissue", "Recycled Bath Tissue"], (4.4, 20.9), "ct", ["6", "12", "24"], -1.0),
        row(&PANTRY, "Sauces", "SAUC", ["Marinara Sauce", "Alfredo Sauce", "Barbecue Sauce", "Basil Pesto"], (2.3, 6.2), "oz", ["12", "24", "32"], -1.5),
        row(&SOFT, "Water", "WATR", ["Spring Water", "Sparkling Water", "Lime Seltzer", "Mineral Water"], (1.1, 7.6), "fl oz", ["17", "34", "405"], -1.4),
        row(&CARE, "Hair Care", "HAIR", ["Daily Shampoo", "Moisture Conditioner", "Dry Shampoo", "Kids Shampoo"], (3.6, 11.2), "fl oz", ["8", "12", "28"], -1.6),
        row(&PET, "Cat Food", "CATF", ["Salmon Cat Food", "Tuna Cat Food", "Kitten Food", "Turkey Cat Food"], (2.8, 26.0), "lb", ["3", "7", "16"], -0.5),
    ];
}

pub(super) use tree::SUBCATEGORIES;
